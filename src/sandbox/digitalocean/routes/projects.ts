/** Projects and which resources belong to them. */
import { z } from 'zod';
import type { Assignment, Project } from '../documents.ts';
import {
  conflict,
  created,
  noContent,
  notFound,
  ok,
  page,
  preconditionFailed,
  read,
  type Handler,
  type Route,
} from '../http.ts';
import { resourceExists, resourceUrns } from '../resources.ts';
import type { Store } from '../store.ts';
import { newId, timestamp, type World } from '../world.ts';

const createBody = z.object({
  name: z.string().min(1).max(175),
  purpose: z.string().min(1).max(255),
  description: z.string().max(255).default(''),
  environment: z.string().default(''),
});
const changeBody = createBody.partial().extend({ is_default: z.boolean().optional() });
const assignBody = z.object({ resources: z.array(z.string()) });

export function projectRoutes({ store, account }: World): readonly Route[] {
  const find = (id: string | undefined): Project => {
    const project = id === 'default' ? defaultProject(store) : store.get('project', id ?? '');
    if (project === undefined) throw notFound();
    return project;
  };

  const create: Handler = (request) => {
    const body = read(createBody, request.body);
    if (store.list('project').some((project) => project.name === body.name)) throw conflict('name is already in use');
    const now = timestamp();
    const project: Project = {
      id: newId(),
      owner_uuid: account.uuid,
      owner_id: account.ownerId,
      name: body.name,
      description: body.description,
      purpose: knownPurpose(body.purpose),
      environment: knownEnvironment(body.environment),
      is_default: false,
      created_at: now,
      updated_at: now,
    };
    store.write((change) => change.put('project', project.id, project));
    return created({ project });
  };

  const update: Handler = (request) => {
    const project = find(request.params['id']);
    const body = read(changeBody, request.body);
    if (store.list('project').some((other) => other.id !== project.id && other.name === body.name)) {
      throw conflict('name is already in use');
    }
    const changed: Project = {
      ...project,
      ...(body.name !== undefined && { name: body.name }),
      ...(body.description !== undefined && { description: body.description }),
      ...(body.purpose !== undefined && { purpose: knownPurpose(body.purpose) }),
      ...(body.environment !== undefined && { environment: knownEnvironment(body.environment) }),
      is_default: project.is_default || body.is_default === true,
      updated_at: timestamp(),
    };
    store.write((change) => {
      change.put('project', project.id, changed);
      if (!changed.is_default || project.is_default) return;
      const before = defaultProject(store);
      change.put('project', before.id, { ...before, is_default: false });
      // What had no project of its own stays with the project that was the default until now.
      for (const urn of unassigned(store))
        change.put('assignment', urn, { urn, project_id: before.id, assigned_at: timestamp() });
    });
    return ok({ project: changed });
  };

  const remove: Handler = (request) => {
    const project = find(request.params['id']);
    if (project.is_default) throw preconditionFailed('cannot delete the default project');
    if (resourcesOf(store, project).length > 0) throw preconditionFailed('cannot delete a project with resources');
    store.write((change) => change.remove('project', project.id));
    return noContent;
  };

  const assign: Handler = (request) => {
    const project = find(request.params['id']);
    const { resources } = read(assignBody, request.body);
    // Each resource has a status of its own: one that does not exist spoils nothing for the others.
    const statuses = resources.map((urn) => assignmentStatus(urn, project));
    const now = timestamp();
    store.write((change) => {
      resources.forEach((urn, index) => {
        if (statuses[index] !== 'assigned') return;
        if (project.is_default) change.remove('assignment', urn);
        else change.put('assignment', urn, { urn, project_id: project.id, assigned_at: now });
      });
    });
    const answers = resources.map((urn, index) =>
      resourceAnswer({ urn, project_id: project.id, assigned_at: now }, statuses[index] ?? 'ok'),
    );
    return ok({ resources: answers, links: {}, meta: { total: answers.length } });
  };

  const assignmentStatus = (urn: string, project: Project): string => {
    if (!resourceExists(store, urn)) return 'not_found';
    const assigned = store.get('assignment', urn)?.project_id ?? defaultProject(store).id;
    return assigned === project.id ? 'already_assigned' : 'assigned';
  };

  return [
    { method: 'GET', path: '/v2/projects', handle: (request) => page(request, 'projects', store.list('project')) },
    { method: 'POST', path: '/v2/projects', handle: create },
    { method: 'GET', path: '/v2/projects/:id', handle: (request) => ok({ project: find(request.params['id']) }) },
    { method: 'PATCH', path: '/v2/projects/:id', handle: update },
    { method: 'PUT', path: '/v2/projects/:id', handle: update },
    { method: 'DELETE', path: '/v2/projects/:id', handle: remove },
    {
      method: 'GET',
      path: '/v2/projects/:id/resources',
      handle: (request) =>
        page(
          request,
          'resources',
          resourcesOf(store, find(request.params['id'])).map((assignment) => resourceAnswer(assignment, 'ok')),
        ),
    },
    { method: 'POST', path: '/v2/projects/:id/resources', handle: assign },
  ];
}

/** Every account has exactly one; it is made when the cloud starts for the first time. */
export function defaultProject(store: Store): Project {
  const project = store.list('project').find((candidate) => candidate.is_default);
  if (project === undefined) throw notFound();
  return project;
}

export function makeDefaultProject({ store, account }: World): void {
  if (store.list('project').some((project) => project.is_default)) return;
  const now = timestamp();
  const project: Project = {
    id: newId(),
    owner_uuid: account.uuid,
    owner_id: account.ownerId,
    name: 'first-project',
    description: 'Update your project information under Settings',
    purpose: 'Just trying out DigitalOcean',
    environment: 'Development',
    is_default: true,
    created_at: now,
    updated_at: now,
  };
  store.write((change) => change.put('project', project.id, project));
}

function resourcesOf(store: Store, project: Project): readonly Assignment[] {
  const assigned = store
    .list('assignment')
    .filter((assignment) => assignment.project_id === project.id && resourceExists(store, assignment.urn));
  if (!project.is_default) return assigned;
  return [
    ...assigned,
    ...unassigned(store).map((urn) => ({ urn, project_id: project.id, assigned_at: project.created_at })),
  ];
}

/** Resources that nobody put into a project. */
function unassigned(store: Store): readonly string[] {
  return resourceUrns(store).filter((urn) => store.get('assignment', urn) === undefined);
}

function resourceAnswer(assignment: Assignment, status: string): unknown {
  return {
    urn: assignment.urn,
    assigned_at: assignment.assigned_at,
    links: { self: `https://api.digitalocean.com/v2/${assignment.urn.split(':')[1] ?? ''}` },
    status,
  };
}

function knownEnvironment(text: string): string {
  return ['Development', 'Staging', 'Production'].find((name) => name.toLowerCase() === text.toLowerCase()) ?? '';
}

const purposes = [
  'Just trying out DigitalOcean',
  'Class project / Educational purposes',
  'Website or blog',
  'Web Application',
  'Service or API',
  'Mobile Application',
  'Machine learning / AI / Data processing',
  'IoT',
  'Operational / Developer tooling',
];

/** A purpose of one's own comes back with this prefix, as the provider knows. */
function knownPurpose(text: string): string {
  return purposes.includes(text) || text.startsWith('Other: ') ? text : `Other: ${text}`;
}
